// What jsdom leaves out and JupyterLab's packages look for when they are loaded.
globalThis.DragEvent = class extends globalThis.MouseEvent {};
