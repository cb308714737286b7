"""The Streamlit app: it shows what `explain` found out, and computes nothing itself."""
