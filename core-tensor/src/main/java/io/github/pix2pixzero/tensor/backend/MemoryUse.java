package io.github.pix2pixzero.tensor.backend;

/**
 * Bytes of tensor memory. The working memory of threads is not counted.
 *
 * @param live held by storages that have not been released
 * @param pooled kept for reuse
 * @param peak the most that {@code live + pooled} has been
 * @param allocated asked of the system so far, because nothing of the right size was pooled; in the
 *     steps of an edit it stands still
 */
public record MemoryUse(long live, long pooled, long peak, long allocated) {}
