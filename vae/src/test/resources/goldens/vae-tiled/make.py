"""Tiled encoding and decoding by diffusers with the weights of ../vae.

Run: PYTHONPATH=DIFFUSERS/src python make.py   (needs torch, diffusers, safetensors)
"""
import pathlib, torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file

torch.set_num_threads(1)
here = pathlib.Path(__file__).parent
vae = AutoencoderKL.from_pretrained(here.parent / "vae").eval()
vae.enable_tiling()  # tiles of sample_size, 64 pixels, that overlap by a quarter
io = {}
generator = torch.Generator().manual_seed(5)
with torch.no_grad():
    for i, (height, width) in enumerate([(72, 152), (160, 40)]):
        image = torch.rand(1, 3, height, width, generator=generator) * 2 - 1
        io.update({f"{i}.image": image.half(), f"{i}.mean": vae.encode(image.half().float()).latent_dist.mean,
                   f"{i}.logvar": vae.encode(image.half().float()).latent_dist.logvar})
        io[f"{i}.decoded"] = vae.decode(io[f"{i}.mean"]).sample
save_file({k: v.contiguous() for k, v in io.items()}, here / "io.safetensors")
