"""Tables of a report (总表, 发展情况, 资金使用, 平台) and the figures of its text, built from the data. Pure."""
