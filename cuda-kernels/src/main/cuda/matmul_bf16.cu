// Matrix products on the tensor cores in bfloat16, summed in float32.
#include "matmul.cuh"
#include "mma.cuh"

MATMULS(bf16_large, MmaLarge<Brain>)
MATMULS(bf16_small, MmaSmall<Brain>)
