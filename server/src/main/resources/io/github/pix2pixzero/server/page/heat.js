/** Paints where a word looks: the more, the warmer and the less transparent. */
export function paint(canvas, width, height, base64) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const heat = atob(base64);
  for (let i = 0; i < heat.length; i++) {
    const value = heat.charCodeAt(i) / 255;
    image.data[4 * i] = 255 * Math.min(1, 3 * value);
    image.data[4 * i + 1] = 255 * Math.max(0, Math.min(1, 3 * value - 1));
    image.data[4 * i + 2] = 255 * Math.max(0, Math.min(1, 3 * value - 2));
    image.data[4 * i + 3] = 255 * Math.min(1, 0.35 + value);
  }
  context.putImageData(image, 0, 0);
}
