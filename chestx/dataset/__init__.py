"""Films, labels and boxes become a dataset in the layout of ChestX-ray14."""
