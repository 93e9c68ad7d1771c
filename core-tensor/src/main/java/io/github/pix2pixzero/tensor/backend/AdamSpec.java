package io.github.pix2pixzero.tensor.backend;

/**
 * One step of Adam (Kingma and Ba, 2015), for each of {@code size} elements, with gradient g,
 * parameter p, mean m and mean square v:
 *
 * <pre>{@code
 * g = g + decay · p
 * m = m + meanRate · (g - m)
 * v = v + squareRate · (g² - v)
 * p = keep · p - stepSize · m / (rootScale · √v + epsilon)
 * }</pre>
 *
 * @param decay weight decay that goes through the moments, as in Adam
 * @param keep what decoupled weight decay leaves of p, as in AdamW (Loshchilov and Hutter, 2019); 1
 *     for none
 * @param meanRate 1 - β₁
 * @param squareRate 1 - β₂
 * @param stepSize the learning rate over the mean's bias, 1 - β₁ᵗ
 * @param rootScale 1 over the root of the mean square's bias, √(1 - β₂ᵗ)
 */
public record AdamSpec(
    int size,
    float decay,
    float keep,
    float meanRate,
    float squareRate,
    float stepSize,
    float rootScale,
    float epsilon) {}
