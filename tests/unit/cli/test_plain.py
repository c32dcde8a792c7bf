from genaudit.cli.plain import print_lines, print_table


def test_a_table_is_as_wide_as_its_cells_and_blank_where_something_is_missing(capsys):
    long = "x" * 300
    print_table(["a", "b"], [{"a": long, "b": None}, {"a": "[bold]", "b": 2}])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == [f"a{' ' * 299}  b", long, f"[bold]{' ' * 294}  2"]


def test_control_characters_never_reach_the_terminal(capsys):
    print_lines(["a\x1b[31m\nb"])
    print_table(["a"], [{"a": "\x1b]0;title\x07"}])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert out.count("\n") == 3
