// Matrix products on the tensor cores in TF32, summed in float32.
#include "matmul.cuh"
#include "mma.cuh"

MATMULS(tf32_large, MmaLarge<Tf32>)
MATMULS(tf32_small, MmaSmall<Tf32>)
