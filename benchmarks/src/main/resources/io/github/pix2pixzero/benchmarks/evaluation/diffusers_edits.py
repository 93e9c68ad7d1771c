"""diffusers' pix2pix-zero on the toy world, for `pix2pix-zero measure`: MODEL_DIR SCENES_DIR SENTENCES_DIR OUT_DIR.

The options are those of the published code for real pictures: 50 + 50 steps, guidance scale 5, cross-attention guidance
0.1, the caption as negative prompt. Run with diffusers' source of 2026-08-23 (58eb52c), transformers 5.17 and torch 2.13.
"""

import json
import sys
from pathlib import Path

import torch
from diffusers import DDIMInverseScheduler, DDIMScheduler
from diffusers.pipelines.deprecated.stable_diffusion_variants import pipeline_stable_diffusion_pix2pix_zero as zero
from PIL import Image

model, scenes, sentences, out = map(Path, sys.argv[1:])
pipe = zero.StableDiffusionPix2PixZeroPipeline.from_pretrained(
    model, safety_checker=None, requires_safety_checker=False, torch_dtype=torch.float32
)
pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
pipe.inverse_scheduler = DDIMInverseScheduler.from_config(pipe.scheduler.config)
out.mkdir(parents=True, exist_ok=True)
embeds = {}
for scene in json.loads((scenes / "scenes.json").read_text()):
    kind = f"{scene['attribute']}-{scene['from']}-{scene['to']}".replace(" ", "_")
    if kind not in embeds:
        sides = [(sentences / f"{kind}-{side}.txt").read_text().splitlines() for side in ("source", "target")]
        embeds[kind] = [pipe.get_embeds([line.strip() for line in lines]) for lines in sides]
    generator = torch.Generator().manual_seed(0)
    picture = Image.open(scenes / f"{scene['id']}-source.png").convert("RGB")
    inverted = pipe.invert(
        scene["caption"], image=picture, num_inference_steps=50, guidance_scale=1, generator=generator
    ).latents
    edited = pipe(
        scene["caption"],
        source_embeds=embeds[kind][0],
        target_embeds=embeds[kind][1],
        num_inference_steps=50,
        guidance_scale=5.0,
        cross_attention_guidance_amount=0.1,
        latents=inverted,
        negative_prompt=scene["caption"],
        generator=generator,
    ).images[0]
    edited.save(out / f"{scene['id']}.png")
