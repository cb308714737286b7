"""From a model file and reference rows to a model package, with a proof that what is served is what was trained."""
