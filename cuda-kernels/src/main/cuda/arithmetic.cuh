// The sizes of tile that products come in, by precision; io.github.pix2pixzero.cuda.Tiling chooses among them.
#pragma once

#if defined(PRECISION_F16) || defined(PRECISION_BF16)
#include "pipeline.cuh"
#include "warpgroup.cuh"
using Large = PipelineLarge;
using Medium = PipelineMedium;
using Small = PipelineSmall;
#elif defined(PRECISION_TF32)
#include "tf32.cuh"
#include "tiles.cuh"
using Large = Tf32Large;
using Small = Tf32Small;
#else
#include "fma.cuh"
#include "tiles.cuh"
using Large = FmaLarge;
using Small = FmaSmall;
#endif
