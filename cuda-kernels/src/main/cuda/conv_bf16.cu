// Convolutions on the tensor cores in bfloat16, summed in float32.
#include "conv.cuh"
#include "mma.cuh"

CONVOLUTIONS(bf16_large, MmaLarge<Brain>)
CONVOLUTIONS(bf16_small, MmaSmall<Brain>)
