"""One screen a file. Not called `pages`: Streamlit would serve a folder of that name by itself, past main.py."""
