// Convolutions on the tensor cores in TF32, summed in float32.
#include "conv.cuh"
#include "mma.cuh"

CONVOLUTIONS(tf32_large, MmaLarge<Tf32>)
CONVOLUTIONS(tf32_small, MmaSmall<Tf32>)
