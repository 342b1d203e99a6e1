"""What may be imported from a workbook: for each kind its columns, who may, and the act that takes a row over."""
