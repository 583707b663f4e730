"""NB5: what the training knows of the rows that it is judged on."""
