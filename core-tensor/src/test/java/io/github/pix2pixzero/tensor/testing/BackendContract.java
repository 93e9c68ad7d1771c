package io.github.pix2pixzero.tensor.testing;

/**
 * Every kernel of the Backend interface at awkward sizes against the {@link OracleBackend}. A
 * backend's test is a subclass that says how to make the backend.
 */
public abstract class BackendContract
    implements MatrixContract,
        ConstantContract,
        NormContract,
        AttentionContract,
        ElementwiseContract,
        MovementContract,
        TrainingContract {}
