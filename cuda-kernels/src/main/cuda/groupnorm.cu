// Group normalisation of channels-last data [batch, pixels, channels] (Wu and He, 2018), then SiLU if
// asked for. Threads walk down runs of pixels, abreast over the channels; what they find for a channel
// is put together, in a fixed order, by one block a group.
#include "common.cuh"

struct GroupNorm {
  int pixels;
  int runPixels;   // pixels of a run
  int runs;        // runs of a picture
  int groups;
  Divisor channels;
  Divisor groupChannels;
  int silu;
};

// Elements a task (picture, run, channel): partials[task] and, size further on, a second number.
__device__ __forceinline__ void decode(const GroupNorm& s, int i, int& channel, int& group, int& from, int& to) {
  int run = s.channels.quotient(i);
  channel = i - run * s.channels.divisor;
  int picture = run / s.runs;
  group = picture * s.groups + s.groupChannels.quotient(channel);
  int first = (run - picture * s.runs) * s.runPixels;
  from = picture * s.pixels + first;
  to = picture * s.pixels + min(s.pixels, first + s.runPixels);
}

// The mean of a run of one channel and the sum of the squared differences from it. The first element is
// taken off before squaring, so that a mean far from 0 costs no digits.
extern "C" __global__ void group_norm_partials(int size, GroupNorm s, const Element* x, float* partials) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int channel, group, from, to;
    decode(s, i, channel, group, from, to);
    float origin = x[from * s.channels.divisor + channel];
    float sum = 0.f;
    float squares = 0.f;
    for (int pixel = from; pixel < to; pixel++) {
      float d = x[pixel * s.channels.divisor + channel] - origin;
      sum += d;
      squares += d * d;
    }
    float count = (float)(to - from);
    partials[i] = origin + sum / count;
    partials[size + i] = squares - sum * sum / count;
  }
}
EXPORT(group_norm_partials)

__device__ __forceinline__ int runCount(const GroupNorm& s, int run) {
  return min(s.runPixels, s.pixels - run * s.runPixels);
}

// The partial of a block's task: the tasks are the runs times the channels of the block's group.
__device__ __forceinline__ int partialOf(const GroupNorm& s, int task, int& run) {
  int picture = (int)blockIdx.x / s.groups;
  int group = (int)blockIdx.x - picture * s.groups;
  run = s.groupChannels.quotient(task);
  int channel = group * s.groupChannels.divisor + task - run * s.groupChannels.divisor;
  return (picture * s.runs + run) * s.channels.divisor + channel;
}

// One block a group: its mean and 1 / sqrt(variance + epsilon), by the formula of Chan, Golub and LeVeque
// (1983) for all partials at once.
extern "C" __global__ void group_norm_stats(
    int size, GroupNorm s, float epsilon, const float* partials, float* stats) {
  int tasks = s.runs * s.groupChannels.divisor;
  float count = (float)s.pixels * (float)s.groupChannels.divisor;
  float sum = 0.f;
  int run;
  for (int task = (int)threadIdx.x; task < tasks; task += (int)blockDim.x) {
    int at = partialOf(s, task, run);
    sum += partials[at] * ((float)runCount(s, run) / count);
  }
  float mean = reduceBlock<Plus>(sum);
  float squares = 0.f;
  for (int task = (int)threadIdx.x; task < tasks; task += (int)blockDim.x) {
    int at = partialOf(s, task, run);
    float d = partials[at] - mean;
    squares += partials[size + at] + d * d * (float)runCount(s, run);
  }
  squares = reduceBlock<Plus>(squares);
  if (threadIdx.x == 0) {
    stats[2 * blockIdx.x] = mean;
    stats[2 * blockIdx.x + 1] = 1.f / sqrtf(squares / count + epsilon);
  }
}
EXPORT(group_norm_stats)

__device__ __forceinline__ int groupOf(const GroupNorm& s, int i, int& channel) {
  int pixel = s.channels.quotient(i);
  channel = i - pixel * s.channels.divisor;
  return pixel / s.pixels * s.groups + s.groupChannels.quotient(channel);
}

extern "C" __global__ void group_norm_apply(
    int size,
    GroupNorm s,
    const Element* x,
    const Element* gamma,
    const Element* beta,
    const float* stats,
    Element* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int channel;
    int group = groupOf(s, i, channel);
    float y = (x[i] - stats[2 * group]) * stats[2 * group + 1] * gamma[channel] + beta[channel];
    out[i] = s.silu ? y / (1.f + expf(-y)) : y;
  }
}
EXPORT(group_norm_apply)

// The gradient before SiLU.
__device__ __forceinline__ float before(const GroupNorm& s, float gradOut, float y) {
  if (!s.silu) {
    return gradOut;
  }
  float sigmoid = 1.f / (1.f + expf(-y));
  return gradOut * sigmoid * (1.f + y * (1.f - sigmoid));
}

// Of each run of a channel the sums of g and of g * n, g being the gradient before SiLU and n the
// normalised input.
extern "C" __global__ void group_norm_backward_partials(
    int size,
    GroupNorm s,
    const Element* x,
    const Element* gamma,
    const Element* beta,
    const float* stats,
    const Element* gradOut,
    float* partials) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int channel, group, from, to;
    decode(s, i, channel, group, from, to);
    float mean = stats[2 * group];
    float inverse = stats[2 * group + 1];
    float sum = 0.f;
    float product = 0.f;
    for (int pixel = from; pixel < to; pixel++) {
      int at = pixel * s.channels.divisor + channel;
      float normal = (x[at] - mean) * inverse;
      float g = before(s, gradOut[at], normal * gamma[channel] + beta[channel]);
      sum += g;
      product += g * normal;
    }
    partials[i] = sum;
    partials[size + i] = product;
  }
}
EXPORT(group_norm_backward_partials)

// One block a group: the means of g * gamma and of g * gamma * n.
extern "C" __global__ void group_norm_backward_means(
    int size, GroupNorm s, const Element* gamma, const float* partials, float* means) {
  int tasks = s.runs * s.groupChannels.divisor;
  int firstChannel = (int)blockIdx.x % s.groups * s.groupChannels.divisor;
  float count = (float)s.pixels * (float)s.groupChannels.divisor;
  float sum = 0.f;
  float product = 0.f;
  int run;
  for (int task = (int)threadIdx.x; task < tasks; task += (int)blockDim.x) {
    int at = partialOf(s, task, run);
    float scale = gamma[firstChannel + s.groupChannels.remainder(task)];
    sum += scale * partials[at];
    product += scale * partials[size + at];
  }
  sum = reduceBlock<Plus>(sum);
  product = reduceBlock<Plus>(product);
  if (threadIdx.x == 0) {
    means[2 * blockIdx.x] = sum / count;
    means[2 * blockIdx.x + 1] = product / count;
  }
}
EXPORT(group_norm_backward_means)

// gradX = r * (g * gamma - mean(g * gamma) - n * mean(g * gamma * n)), the means over the group.
extern "C" __global__ void group_norm_backward_apply(
    int size,
    GroupNorm s,
    const Element* x,
    const Element* gamma,
    const Element* beta,
    const float* stats,
    const float* means,
    const Element* gradOut,
    Element* gradX) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int channel;
    int group = groupOf(s, i, channel);
    float inverse = stats[2 * group + 1];
    float normal = (x[i] - stats[2 * group]) * inverse;
    float g = before(s, gradOut[i], normal * gamma[channel] + beta[channel]);
    gradX[i] = inverse * (g * gamma[channel] - means[2 * group] - normal * means[2 * group + 1]);
  }
}
EXPORT(group_norm_backward_apply)
