"""PyTorch's side of the comparison on a GPU.

    python3 peer.py vectors|times|compiled|edit FOLDER [--steps N] [--mode MODE] [--cpu]

FOLDER/model is a model in diffusers' layout, with weights of 16 bits. `vectors` writes to
FOLDER/io.safetensors what it computes in float32; `times` and `compiled` time its parts in float16, and `edit` a whole edit
by diffusers' StableDiffusionPix2PixZeroPipeline. Prints a row a line as JSON, which table.py reads. Needs torch,
diffusers, transformers, safetensors and a GPU; with --cpu everything runs once, to try the script out.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMInverseScheduler,
    DDIMScheduler,
    StableDiffusionPix2PixZeroPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

parser = argparse.ArgumentParser()
parser.add_argument("task", choices=["vectors", "times", "compiled", "edit"])
parser.add_argument("folder", type=Path)
parser.add_argument("--steps", type=int, default=50)
parser.add_argument("--mode", default="reduce-overhead", help="of torch.compile")
parser.add_argument("--cpu", action="store_true")
arguments = parser.parse_args()
FOLDER, CPU = arguments.folder, arguments.cpu
MODEL = FOLDER / "model"
DEVICE = "cpu" if CPU else "cuda"
NAME = "CPU" if CPU else torch.cuda.get_device_name()
TIMESTEP = 501
pix2pix_zero = sys.modules[StableDiffusionPix2PixZeroPipeline.__module__]  # its place differs between versions


def emit(of, row, **values):
    print(json.dumps({"of": of, "row": row, **values}), flush=True)


def synchronize():
    if not CPU:
        torch.cuda.synchronize()


def load(kind, folder, dtype):
    return kind.from_pretrained(MODEL / folder, torch_dtype=dtype).requires_grad_(False).eval().to(DEVICE)


# ------------------------------------------------------------------ reference vectors


class Explicit:
    """Attention whose probabilities are kept on the device."""

    def __init__(self):
        self.maps = []

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, temb=None, **_):
        cross = encoder_hidden_states is not None
        context = encoder_hidden_states if cross else hidden_states
        q = attn.head_to_batch_dim(attn.to_q(hidden_states))
        k = attn.head_to_batch_dim(attn.to_k(context))
        v = attn.head_to_batch_dim(attn.to_v(context))
        probs = attn.get_attention_scores(q, k, attention_mask)
        if cross:
            self.maps.append(probs)
        out = attn.batch_to_head_dim(torch.bmm(probs, v))
        return attn.to_out[1](attn.to_out[0](out))


def loss_of(maps, reference):
    return sum(((m - r) ** 2).sum((1, 2)).mean() for m, r in zip(maps, reference))


def vectors():
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    unet = load(UNet2DConditionModel, "unet", torch.float32)
    side, width = unet.config.sample_size, unet.config.cross_attention_dim
    latent, context = torch.randn(2, 4, side, side), torch.randn(2, 77, width)
    z, ids = torch.randn(1, 4, side, side), torch.randint(0, 49407, (2, 77))
    io = {"latent": latent, "context": context, "z": z, "ids": ids}
    explicit = Explicit()
    unet.set_attn_processor(explicit)
    x = latent.to(DEVICE).requires_grad_()
    noise = unet(x, TIMESTEP, encoder_hidden_states=context.to(DEVICE)).sample
    # The loss against uniform maps: what the other side can compute without files of maps.
    loss = loss_of(explicit.maps, [torch.full_like(m, 1 / 77) for m in explicit.maps])
    io["noise"], io["loss"] = noise.detach(), loss.detach().reshape(1)
    io["latent_grad"] = torch.autograd.grad(loss, x)[0]
    with torch.no_grad():
        io["decoded"] = load(AutoencoderKL, "vae", torch.float32).decode(z.to(DEVICE)).sample
        io["hidden"] = load(CLIPTextModel, "text_encoder", torch.float32)(ids.to(DEVICE)).last_hidden_state
    part = FOLDER / "io.part"
    save_file({k: v.contiguous().cpu() for k, v in io.items()}, part)
    os.replace(part, FOLDER / "io.safetensors")


# ------------------------------------------------------------------ times


def milliseconds(work, calls):
    synchronize()
    start = time.perf_counter()
    for _ in range(calls):
        work()
    synchronize()
    return (time.perf_counter() - start) * 1e3 / calls


def timed(of, row, work, calls=1):
    """Median milliseconds of a call, of which several are waited for at once; after two seconds, as ours."""
    warm = time.perf_counter() + (0 if CPU else 2)
    while milliseconds(work, calls) and time.perf_counter() < warm:
        pass
    times = [milliseconds(work, calls) for _ in range(1 if CPU else 20)]
    emit(of, row, ms=statistics.median(times), least=min(times), most=max(times))


def inputs():
    io = load_file(FOLDER / "io.safetensors", device=DEVICE)
    return (io[name].half() for name in ("latent", "context", "z"))


def times():
    eager = f"PyTorch {torch.__version__} eager ({NAME}, float16)"
    unet = load(UNet2DConditionModel, "unet", torch.float16)
    vae = load(AutoencoderKL, "vae", torch.float16)
    latent, context, z = inputs()
    with torch.no_grad():
        timed(eager, "unet forward, batch 2", lambda: unet(latent, TIMESTEP, encoder_hidden_states=context))
        timed(eager, "vae decode", lambda: vae.decode(z))
    attention(eager)
    guided_steps(eager, unet, latent, context)


def compiled():
    unet = load(UNet2DConditionModel, "unet", torch.float16)
    latent, context, _ = inputs()
    timestep = torch.tensor(TIMESTEP, device=DEVICE)
    fast = torch.compile(unet, mode=arguments.mode)
    with torch.no_grad():
        start = time.perf_counter()
        fast(latent, timestep, encoder_hidden_states=context)
        synchronize()
        print(f"compiled in {time.perf_counter() - start:.0f} s")
        timed(
            f"PyTorch {torch.__version__} compiled, {arguments.mode} ({NAME}, float16)",
            "unet forward, batch 2",
            lambda: fast(latent, timestep, encoder_hidden_states=context),
        )


def attention(of):
    """The sizes of Stable Diffusion's largest layers: 4096 pixels, 8 heads of 40."""
    pixels = 64 if CPU else 4096
    fused = torch.nn.functional.scaled_dot_product_attention
    half = dict(device=DEVICE, dtype=torch.float16)
    q, k, v = (torch.randn(2, 8, pixels, 40, requires_grad=True, **half) for _ in range(3))
    g = torch.randn_like(q)
    with torch.no_grad():
        timed(of, "self-attention, forward", lambda: fused(q, k, v), 10)
    out = fused(q, k, v)
    timed(
        of, "self-attention, backward", lambda: torch.autograd.grad(out, (q, k, v), g, retain_graph=True), 10
    )
    k, v = (torch.randn(2, 8, 77, 40, **half) for _ in range(2))
    r = torch.softmax(torch.randn(2, 8, pixels, 77, **half), -1)

    def cross():
        probs = torch.softmax(q @ k.transpose(-1, -2) * 40**-0.5, -1)
        out = probs @ v
        return out, torch.autograd.grad(((probs - r) ** 2).sum((2, 3)).mean(), q)

    timed(of, "cross-attention with loss gradient", cross, 10)


def guided_steps(of, unet, latent, context):
    """A forward pass, its loss's gradient, and a forward pass: as the pipeline does it, and without its copies."""
    explicit = Explicit()
    unet.set_attn_processor(explicit)
    with torch.no_grad():
        unet(latent, TIMESTEP, encoder_hidden_states=context)
    reference = [m.clone() for m in explicit.maps]

    def lean():
        explicit.maps = []
        x = latent.clone().requires_grad_()
        unet(x, TIMESTEP, encoder_hidden_states=context)
        gradient = torch.autograd.grad(loss_of(explicit.maps, reference), x)[0]
        with torch.no_grad():
            explicit.maps = []
            unet(x - 0.1 * gradient, TIMESTEP, encoder_hidden_states=context)

    timed(of, "guided step, maps kept on the device", lean)
    del explicit, reference
    # As in the pipeline's second loop.
    pix2pix_zero.prepare_unet(unet)
    t = torch.tensor(TIMESTEP)
    with torch.no_grad():
        unet(latent, t, encoder_hidden_states=context, cross_attention_kwargs={"timestep": t})
    processors = [p for p in unet.attn_processors.values() if p.is_pix2pix_zero]
    maps = [dict(p.reference_cross_attn_map) for p in processors]

    def pipeline():
        for processor, kept in zip(processors, maps):
            processor.reference_cross_attn_map = dict(kept)
        x = latent.clone().requires_grad_()
        loss = pix2pix_zero.Pix2PixZeroL2Loss()
        optimizer = torch.optim.SGD([x], lr=0.1)
        unet(x, t, encoder_hidden_states=context, cross_attention_kwargs={"timestep": t, "loss": loss})
        loss.loss.backward(retain_graph=False)
        optimizer.step()
        with torch.no_grad():
            unet(x.detach(), t, encoder_hidden_states=context, cross_attention_kwargs={"timestep": None})

    timed(of, "guided step", pipeline)


# ------------------------------------------------------------------ edit


def edit():
    of = f"diffusers, PyTorch {torch.__version__} ({NAME}, float16)"
    pipe = StableDiffusionPix2PixZeroPipeline.from_pretrained(
        MODEL, safety_checker=None, requires_safety_checker=False, torch_dtype=torch.float16
    ).to(DEVICE)
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    pipe.inverse_scheduler = DDIMInverseScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    side = pipe.unet.config.sample_size * pipe.vae_scale_factor
    picture = Image.linear_gradient("L").convert("RGB").resize((side, side))
    caption = "a photo of a cat in the snow"
    source, target = (pipe.get_embeds([f"a photo of a {animal}"] * 16) for animal in ("cat", "dog"))
    name = f"edit, published options, {arguments.steps} + {arguments.steps} steps: "
    for turn in ("first", "again"):
        generator = torch.Generator().manual_seed(0)
        synchronize()
        start = time.perf_counter()
        inverted = pipe.invert(
            caption, image=picture, num_inference_steps=arguments.steps, guidance_scale=1, generator=generator
        ).latents
        synchronize()
        middle = time.perf_counter()
        pipe(
            caption,
            source_embeds=source,
            target_embeds=target,
            num_inference_steps=arguments.steps,
            guidance_scale=5.0,
            cross_attention_guidance_amount=0.1,
            latents=inverted,
            negative_prompt=caption,
            generator=generator,
        )
        synchronize()
        end = time.perf_counter()
        emit(of, f"{name}{turn}, inversion", s=middle - start)
        emit(of, f"{name}{turn}, edit and decoding", s=end - middle)
        emit(of, f"{name}{turn}, whole", s=end - start)
    if not CPU:
        emit(of, name + "peak", MiB=torch.cuda.max_memory_allocated() / 2**20)
        emit(of, name + "peak, reserved", MiB=torch.cuda.max_memory_reserved() / 2**20)


{"vectors": vectors, "times": times, "compiled": compiled, "edit": edit}[arguments.task]()
