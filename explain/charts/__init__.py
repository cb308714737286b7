"""Decision(s) -> Plotly figure: pure functions with one theme; nothing here touches Plotly's global state."""
