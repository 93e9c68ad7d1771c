"""Models of full size with random weights, what PyTorch computes with them, and how long it takes.

    python3 reference.py FOLDER

writes models in diffusers' layout (Stable Diffusion 1.5's sizes) and reference vectors in float32 to FOLDER,
and PyTorch's times to FOLDER/torch.json. Needs torch, diffusers, transformers, safetensors and a GPU; with
--cpu it makes models of toy size on the CPU and times nothing, to try the script out.
"""

import json
import statistics
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

TOY = "--cpu" in sys.argv
FOLDER = Path([a for a in sys.argv[1:] if not a.startswith("--")][0])
DEVICE = "cpu" if TOY else "cuda"
SIDE = 8 if TOY else 64
WIDTHS = (32, 64) if TOY else (320, 640, 1280, 1280)
HEADS = 4 if TOY else 8
CONTEXT = 32 if TOY else 768


def unet():
    depth = len(WIDTHS)
    return UNet2DConditionModel(
        sample_size=SIDE,
        block_out_channels=WIDTHS,
        down_block_types=("CrossAttnDownBlock2D",) * (depth - 1) + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * (depth - 1),
        layers_per_block=2,
        cross_attention_dim=CONTEXT,
        attention_head_dim=HEADS,
    )


def vae():
    depth = 2 if TOY else 4
    return AutoencoderKL(
        block_out_channels=(32, 32) if TOY else (128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * depth,
        up_block_types=("UpDecoderBlock2D",) * depth,
        layers_per_block=2,
        latent_channels=4,
        sample_size=SIDE * 2 ** (depth - 1),
    )


def clip():
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=1000 if TOY else 49408,
            hidden_size=CONTEXT,
            intermediate_size=4 * CONTEXT,
            num_hidden_layers=2 if TOY else 12,
            num_attention_heads=4 if TOY else 12,
            max_position_embeddings=77,
            hidden_act="quick_gelu",
        )
    )


class Explicit:
    """Attention whose probabilities exist, as pix2pix-zero's processor computes it."""

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


def timed(work, warmups=5, runs=20):
    """Median milliseconds by CUDA events."""
    for _ in range(warmups):
        work()
    torch.cuda.synchronize()
    times = []
    for _ in range(runs):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        work()
        end.record()
        torch.cuda.synchronize()
        times.append(begin.elapsed_time(end))
    return statistics.median(times)


def guided_step(model, latent, t, context, reference):
    explicit = Explicit()
    model.set_attn_processor(explicit)
    x = latent.clone().requires_grad_()
    model(x, t, encoder_hidden_states=context)
    gradient = torch.autograd.grad(loss_of(explicit.maps, reference), x)[0]
    with torch.no_grad():
        explicit.maps = []
        return model(x - 0.1 * gradient, t, encoder_hidden_states=context).sample


def main():
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    models = {"unet": unet(), "vae": vae(), "text_encoder": clip()}
    for name, model in models.items():
        model.requires_grad_(False).eval().to(DEVICE)
        model.save_pretrained(FOLDER / name, safe_serialization=True)
    io = {}
    latent = torch.randn(2, 4, SIDE, SIDE, device=DEVICE)
    context = torch.randn(2, 77, CONTEXT, device=DEVICE)
    t = torch.tensor(501, device=DEVICE)
    ids = torch.randint(0, 999, (2, 77), device=DEVICE)
    net = models["unet"]
    explicit = Explicit()
    fused = net.attn_processors
    net.set_attn_processor(explicit)
    x = latent.clone().requires_grad_()
    noise = net(x, t, encoder_hidden_states=context).sample
    maps = [m.detach() for m in explicit.maps]
    # The loss against uniform maps: what the other side can compute without files of maps.
    uniform = [torch.full_like(m, 1 / 77) for m in maps]
    loss = loss_of(explicit.maps, uniform)
    io["latent"], io["context"], io["noise"] = latent, context, noise.detach()
    io["loss"] = loss.detach().reshape(1)
    io["latent_grad"] = torch.autograd.grad(loss, x)[0]
    net.set_attn_processor(fused)
    z = torch.randn(1, 4, SIDE, SIDE, device=DEVICE)
    with torch.no_grad():
        io["z"], io["decoded"] = z, models["vae"].decode(z).sample
        io["ids"] = ids
        io["hidden"] = models["text_encoder"](ids).last_hidden_state
    save_file({k: v.contiguous().cpu() for k, v in io.items()}, FOLDER / "io.safetensors")
    if TOY:
        return
    del noise, loss, maps, uniform
    times = {"torch": torch.__version__, "device": torch.cuda.get_device_name()}
    half = torch.float16
    net.to(half)
    models["vae"].to(half)
    latent, context, z = latent.to(half), context.to(half), z.to(half)
    with torch.no_grad():
        eager = lambda: net(latent, t, encoder_hidden_states=context)
        times["unet forward, batch 2"] = timed(eager)
        times["vae decode"] = timed(lambda: models["vae"].decode(z))
        compiled = torch.compile(net, mode="max-autotune")
        times["unet forward, batch 2, compiled"] = timed(
            lambda: compiled(latent, t, encoder_hidden_states=context)
        )
    explicit = Explicit()
    net.set_attn_processor(explicit)
    with torch.no_grad():
        net(latent, t, encoder_hidden_states=context)
    reference = [m.clone() for m in explicit.maps]
    torch.cuda.reset_peak_memory_stats()
    times["guided step"] = timed(lambda: guided_step(net, latent, t, context, reference), 3, 10)
    times["guided step, peak MiB"] = torch.cuda.max_memory_allocated() / 2**20
    attention = torch.nn.functional.scaled_dot_product_attention
    q, k, v = (torch.randn(2, 8, 4096, 40, device=DEVICE, dtype=half, requires_grad=True) for _ in range(3))
    g = torch.randn_like(q)
    with torch.no_grad():
        times["self-attention 4096, forward"] = timed(lambda: attention(q, k, v))
    out = attention(q, k, v)
    times["self-attention 4096, backward"] = timed(
        lambda: torch.autograd.grad(out, (q, k, v), g, retain_graph=True)
    )
    k, v = (torch.randn(2, 8, 77, 40, device=DEVICE, dtype=half) for _ in range(2))
    r = torch.softmax(torch.randn(2, 8, 4096, 77, device=DEVICE, dtype=half), -1)

    def cross():
        probs = torch.softmax(q @ k.transpose(-1, -2) * 40**-0.5, -1)
        out = probs @ v
        return out, torch.autograd.grad(((probs - r) ** 2).sum((2, 3)).mean(), q)

    times["cross-attention with loss gradient"] = timed(cross)
    (FOLDER / "torch.json").write_text(json.dumps(times, indent=1))
    print(json.dumps(times, indent=1))


main()
