/** Pictures for LangChain4j, generated and edited by a model that runs in the same JVM. */
package io.github.pix2pixzero.langchain4j;
