"""The composition root: from configuration and arguments to objects. The only modules of the core that know adapters
and storage, each imported where it is needed, so that nothing is built, connected or paid for at import."""
