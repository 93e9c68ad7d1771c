// Convolutions on the tensor cores in float16, summed in float32.
#include "conv.cuh"
#include "mma.cuh"

CONVOLUTIONS(f16_large, MmaLarge<Half>)
CONVOLUTIONS(f16_small, MmaSmall<Half>)
