package io.github.pix2pixzero.hub;

import java.util.Optional;

/**
 * A file as the hub lists it.
 *
 * @param path its path in the repository
 * @param size bytes
 * @param blobId git's SHA-1 of it, or of the pointer that stands for a large file
 * @param sha256 of a large file, its hash
 */
record RepositoryFile(String path, long size, String blobId, Optional<String> sha256) {}
