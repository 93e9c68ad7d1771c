package io.github.pix2pixzero.spark;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.DisabledForJreRange;

/** Opens a file system of Hadoop, which not all JDKs can. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@DisabledForJreRange(
    minVersion = 24,
    disabledReason = "Hadoop 3.4 calls Subject.getSubject, which throws from JDK 24 on")
@interface NeedsHadoop {}
