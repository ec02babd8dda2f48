"""Where rows come from: one module or package per outside system."""
