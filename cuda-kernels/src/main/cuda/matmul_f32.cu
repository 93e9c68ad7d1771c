// Matrix products in float32.
#include "fma.cuh"
#include "matmul.cuh"

MATMULS(f32_large, FmaLarge)
MATMULS(f32_small, FmaSmall)
