"""What diffusers' img2img makes of a toy picture with DDIM: python make.py TOY_MODEL_DIR

Made with diffusers 58eb52c (2026-08-23), transformers 5.17.0 and torch 2.13.0+cpu on one thread. The pipeline is given
the mean of the encoder's distribution, of which it would draw a sample otherwise; the noise is that of seed 3.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, StableDiffusionImg2ImgPipeline
from PIL import Image
from safetensors.torch import save_file

torch.set_num_threads(1)
here = Path(__file__).parent
pipe = StableDiffusionImg2ImgPipeline.from_pretrained(
    sys.argv[1], safety_checker=None, requires_safety_checker=False, torch_dtype=torch.float32
)
pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
pipe.set_progress_bar_config(disable=True)
picture = np.asarray(Image.open(here.parent / "pix2pix-zero-toy" / "0-source.png").convert("RGB"))
image = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None] / 127.5 - 1
with torch.no_grad():
    encoded = pipe.vae.encode(image).latent_dist.mean * pipe.vae.config.scaling_factor

tensors, cases = {}, []
for steps, strength, scale, negative in ((10, 0.8, 7.5, ""), (7, 0.5, 3.0, "a photo of a gray cat"), (10, 1.0, 1.0, "")):
    latents = pipe(
        "a photo of a dog in the snow",
        image=encoded,
        strength=strength,
        num_inference_steps=steps,
        guidance_scale=scale,
        negative_prompt=negative,
        generator=torch.Generator().manual_seed(3),
        output_type="latent",
    ).images
    tensors[f"{len(cases)}.edited"] = latents.contiguous()
    cases.append({"steps": steps, "strength": strength, "scale": scale, "negative": negative})
save_file(tensors, here / "io.safetensors")
(here / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")
