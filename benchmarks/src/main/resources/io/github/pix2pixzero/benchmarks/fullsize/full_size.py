"""The PyTorch side of `./benchmark full-size`: ROW MODEL THREADS prints seconds and the peak of memory as JSON."""

import json
import resource
import sys
import time

import torch


def seconds(repeats, run):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def load(folder):
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel.from_pretrained(folder, subfolder="unet", torch_dtype=torch.float32)


def random(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def unet(folder):
    model = load(folder)
    latent, context = random(1, 1, 4, 64, 64), random(2, 1, 77, model.config.cross_attention_dim)
    with torch.no_grad():
        return seconds(3, lambda: model(latent, 501, context))


def gradient(folder):
    """As both published pipelines do: probabilities kept by an attention processor, the loss summed over them."""

    class Keep:
        def __init__(self):
            self.probs = None

        def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, **_):
            context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
            query = attn.head_to_batch_dim(attn.to_q(hidden_states))
            key = attn.head_to_batch_dim(attn.to_k(context))
            value = attn.head_to_batch_dim(attn.to_v(context))
            probs = attn.get_attention_scores(query, key, attention_mask)
            self.probs = probs if encoder_hidden_states is not None else None
            hidden_states = attn.batch_to_head_dim(torch.bmm(probs, value))
            return attn.to_out[1](attn.to_out[0](hidden_states))

    model = load(folder).requires_grad_(False)
    keepers = {name: Keep() for name in model.attn_processors}
    model.set_attn_processor(dict(keepers))
    width = model.config.cross_attention_dim
    latent, context = random(1, 2, 4, 64, 64), random(2, 2, 77, width)
    with torch.no_grad():
        model(latent, 501, context)
    reference = {name: keeper.probs for name, keeper in keepers.items() if keeper.probs is not None}
    edited = random(3, 2, 77, width)

    def run():
        x = latent.detach().requires_grad_(True)
        model(x, 501, edited)
        loss = sum(((keepers[name].probs - maps) ** 2).sum((1, 2)).mean(0) for name, maps in reference.items())
        loss.backward()
        for keeper in keepers.values():
            keeper.probs = None

    return seconds(2, run)


def decode(folder):
    from diffusers import AutoencoderKL

    model = AutoencoderKL.from_pretrained(folder, subfolder="vae", torch_dtype=torch.float32)
    with torch.no_grad():
        return seconds(2, lambda: model.decode(random(1, 1, 4, 64, 64)).sample)


def text(folder):
    from transformers import CLIPTextModel

    model = CLIPTextModel.from_pretrained(folder, subfolder="text_encoder", torch_dtype=torch.float32)
    ids = torch.arange(100 * 77).reshape(100, 77) % 40000 + 1
    with torch.no_grad():
        return seconds(3, lambda: model(ids))


def first(folder):
    """From nothing in memory to the first prediction."""

    def run():
        model = load(folder)
        with torch.no_grad():
            model(random(1, 1, 4, 64, 64), 501, random(2, 1, 77, model.config.cross_attention_dim))

    return seconds(1, run)


def caption(folder):
    """With the slow processor, whose resizing ours is; ids of "a picture of " with [CLS] and [SEP]."""
    from PIL import Image
    from transformers import BlipForConditionalGeneration, BlipImageProcessorPil

    model = BlipForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
    picture = Image.linear_gradient("L").convert("RGB").resize((512, 512))
    processor = BlipImageProcessorPil()

    def run():
        pixels = processor(picture, return_tensors="pt").pixel_values
        ids = torch.tensor([[101, 1037, 3861, 1997, 102]])
        model.generate(pixels, input_ids=ids, num_beams=3, min_length=10, max_length=30, do_sample=False)

    return seconds(3, run)


def embedding(folder):
    """Ids of "a photo of a cat"."""
    from transformers import CLIPModel

    model = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()
    pixels = random(1, 1, 3, 224, 224)
    ids = torch.tensor([[49406, 320, 1125, 539, 320, 2368, 49407]])

    def run():
        model.get_image_features(pixel_values=pixels)
        model.get_text_features(input_ids=ids)

    with torch.no_grad():
        return seconds(4, run)


def structure(folder):
    """As the published code does: a hook on the last layer's keys."""
    from transformers import ViTModel

    model = ViTModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32).eval()
    kept = []
    last = [m for name, m in model.named_modules() if name.endswith(("attention.key", "k_proj"))][-1]
    last.register_forward_hook(lambda module, inputs, output: kept.append(output))
    pixels = random(1, 1, 3, 224, 224)

    def run():
        kept.clear()
        model(pixel_values=pixels)
        assert kept[0].shape == (1, 785, 768)

    with torch.no_grad():
        return seconds(4, run)


def lpips(folder):
    """The formula of lpips 0.1 on torchvision's VGG16, written out: neither package need be there."""
    from safetensors.torch import load_file

    state = {name: value.float() for name, value in load_file(folder + "/vgg16.safetensors").items()}
    heads = [value.float() for _, value in sorted(load_file(folder + "/lpips-vgg.safetensors").items())]
    stages = [[0, 2], [5, 7], [10, 12, 14], [17, 19, 21], [24, 26, 28]]
    shift = torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1)
    scale = torch.tensor([0.458, 0.448, 0.450]).view(1, 3, 1, 1)
    one, other = random(1, 1, 3, 512, 512), random(2, 1, 3, 512, 512)

    def run():
        h = (torch.cat([one, other]) - shift) / scale
        distance = 0
        for stage, head in zip(stages, heads):
            if stage[0]:
                h = torch.nn.functional.max_pool2d(h, 2)
            for i in stage:
                h = torch.relu(torch.nn.functional.conv2d(h, state[f"features.{i}.weight"], state[f"features.{i}.bias"], padding=1))
            unit = h / (h.square().sum(1, keepdim=True).sqrt() + 1e-10)
            distance += torch.nn.functional.conv2d((unit[:1] - unit[1:]).square(), head).mean()
        return distance.item()

    with torch.no_grad():
        return seconds(3, run)


if __name__ == "__main__":
    row, model, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    rows = (unet, gradient, decode, text, first, caption, embedding, structure, lpips)
    times = {function.__name__: function for function in rows}[row](model)
    print(json.dumps({"seconds": times, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
