"""Training, validation and test set: by patient, stratified by class."""
