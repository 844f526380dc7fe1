"""The names of NIH's files, columns and classes, to the letter."""

DATA_ENTRY = "Data_Entry_2017.csv"
BOX_LIST = "BBox_List_2017.csv"
IMAGES = "images"
LISTS = {
    "train_val": "train_val_list.txt",
    "train": "train_list.txt",
    "val": "val_list.txt",
    "test": "test_list.txt",
}
"""The file of each split; train and val are ours and divide NIH's train_val."""

ENTRY_HEADER = (
    "Image Index",
    "Finding Labels",
    "Follow-up #",
    "Patient ID",
    "Patient Age",
    "Patient Gender",
    "View Position",
    "OriginalImage[Width",
    "Height]",
    "OriginalImagePixelSpacing[x",
    "y]",
)
"""The columns of 2020, eleven since the commas inside of the brackets separate too."""

BOX_HEADER = ("Image Index", "Finding Label", "Bbox [x", "y", "w", "h]", "", "", "")
"""Nine names over six columns: NIH's header ends in three commas that its rows do not have."""

CLASSES = (
    "Atelectasis",
    "Cardiomegaly",
    "Effusion",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pneumonia",
    "Pneumothorax",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Fibrosis",
    "Pleural_Thickening",
    "Hernia",
)
"""The classes of ChestX-ray14 in the order of its paper; the first eight are ChestX-ray8's."""

NO_FINDING = "No Finding"
BOX_SYNONYMS = {"Infiltrate": "Infiltration"}
"""What the list of boxes calls a class differently."""
