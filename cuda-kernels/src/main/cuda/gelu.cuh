// GELU, which elementwise kernels and products compute.
#pragma once

#include "common.cuh"

constexpr float INVERSE_SQRT_2 = 0.70710678f;

__device__ __forceinline__ float normalCdf(float x) { return 0.5f * erfcf(-x * INVERSE_SQRT_2); }

__device__ __forceinline__ float gelu(float x) { return x * normalCdf(x); }
