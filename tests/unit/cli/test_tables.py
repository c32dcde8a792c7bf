from genaudit.cli.tables import print_lines, print_table


def test_a_table_is_as_wide_as_what_stands_in_it(capsys):
    long = "x" * 300
    print_table(["stage", "of"], [{"stage": long, "of": 1}, {"stage": "draft", "of": None}])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["stage", "of"],
        [long, "1"],
        ["draft"],
    ]


def test_what_comes_from_a_store_is_text(capsys):
    names = ["[bold]a[/bold]", ":smile:", "a\x1b[31mb", "c\rd"]
    print_table(names, [dict.fromkeys(names, "[red]x:heart:")])
    print_lines(names)
    shown = ["[bold]a[/bold]", ":smile:", r"a\x1b[31mb", r"c\rd"]
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        shown,
        ["[red]x:heart:"] * 4,
        *([name] for name in shown),
    ]


def test_a_table_without_rows_has_its_header(capsys):
    print_table(["stage"], [])
    assert capsys.readouterr().out.split() == ["stage"]
