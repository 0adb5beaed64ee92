//! Tables of text.

/// Rows below a heading, in columns as wide as what stands in them and at least as wide as `widths` says.
///
/// ```text
///  name         | version
/// --------------+---------
///  etl-enhancer | 1
/// ```
pub fn table<const N: usize>(heading: [&str; N], widths: [usize; N], rows: &[[String; N]]) -> String {
    let mut widths = widths;
    let heading = heading.map(str::to_owned);
    for row in std::iter::once(&heading).chain(rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; N]| {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!(" {cell:width$} ")).collect();
        format!("{}\n", cells.join("|").trim_end())
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
    line(&heading) + &rule.join("+") + "\n" + &rows.iter().map(line).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_are_as_wide_as_they_must() {
        let rows = [["etl-enhancer", "1", "x"], ["a", "", "é"]].map(|row| row.map(str::to_owned));
        let expected = " name         | version | date\n--------------+---------+------\n etl-enhancer | 1       | x\n a            |         | é\n";
        assert_eq!(table(["name", "version", "date"], [0; 3], &rows), expected);
        assert_eq!(table(["a"], [3], &[]), " a\n-----\n");
    }
}
