// Convolutions in float32.
#include "conv.cuh"
#include "fma.cuh"

CONVOLUTIONS(f32_large, FmaLarge)
CONVOLUTIONS(f32_small, FmaSmall)
