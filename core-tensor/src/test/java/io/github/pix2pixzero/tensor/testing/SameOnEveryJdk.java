package io.github.pix2pixzero.tensor.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Marks tests that take long and of which another JDK makes no difference: what many steps add up
 * to, where others hold the kernels and the networks to their numbers on every JDK, and what
 * kernels on a GPU compute. Continuous integration runs them once.
 */
@Tag("same-on-every-jdk")
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface SameOnEveryJdk {}
