"""Pages after the conversion: turned straight, blank backs left out, text laid behind them (TR-03138 A.NB.1)."""
