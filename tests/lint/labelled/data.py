df = pd.read_csv("data.csv")
events = pd.read_csv("events.csv")
groups = df["group"]
X, y = df[["a", "b", "c"]], df["y"]
A, b = load_other()
