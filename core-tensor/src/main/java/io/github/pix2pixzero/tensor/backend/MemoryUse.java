package io.github.pix2pixzero.tensor.backend;

/**
 * Bytes of tensor memory.
 *
 * @param live held by storages that have not been released
 * @param pooled kept for reuse
 * @param peak the most that {@code live + pooled} has been
 */
public record MemoryUse(long live, long pooled, long peak) {}
