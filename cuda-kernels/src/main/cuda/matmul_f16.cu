// Matrix products on the tensor cores in float16, summed in float32.
#include "matmul.cuh"
#include "mma.cuh"

MATMULS(f16_large, MmaLarge<Half>)
MATMULS(f16_small, MmaSmall<Half>)
