//! Tables of text.

/// Rows below a heading, in columns as wide as what stands in them and at least as wide as `widths` says.
///
/// ```text
///  name         | version
/// --------------+---------
///  etl-enhancer | 1
/// ```
pub fn table<const N: usize>(heading: [&str; N], widths: [usize; N], rows: &[[String; N]]) -> String {
    let rows: Vec<&[String]> = rows.iter().map(<[String; N]>::as_slice).collect();
    columns(&heading, widths.to_vec(), &rows)
}

/// As [`table`], where it is known only now how many columns there are.
pub fn columns(heading: &[&str], widths: Vec<usize>, rows: &[&[String]]) -> String {
    let mut widths = widths;
    let heading: Vec<String> = heading.iter().map(|name| (*name).to_owned()).collect();
    widths.resize(heading.len(), 0);
    for row in std::iter::once(heading.as_slice()).chain(rows.iter().copied()) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!(" {cell:width$} ")).collect();
        format!("{}\n", cells.join("|").trim_end())
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
    line(&heading) + &rule.join("+") + "\n" + &rows.iter().map(|row| line(row)).collect::<String>()
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
