using System.CommandLine;
using System.CommandLine.Parsing;
using Roma.Cli;
using Roma.Core;

namespace Roma.Tests.Cli;

public sealed class ApplicationTests : IDisposable
{
    private readonly StringWriter _out = new(), _error = new();
    private readonly Terminal _terminal;

    public ApplicationTests() => _terminal = new Terminal(_out, _error);

    public void Dispose() => _terminal.Dispose();

    public static TheoryData<string> Verbs()
    {
        using var terminal = new Terminal(TextWriter.Null, TextWriter.Null);
        return [.. Leaves(Application.Commands(terminal)).Select(verb => string.Join(' ', verb.Parents.OfType<Verb>().Append(verb).Select(v => v.Name)))];
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_explains_itself(string verb)
    {
        Assert.Equal(Application.Done, Application.Run([.. verb.Split(' '), "--help"], _terminal));
        string help = _out.ToString();
        Assert.Contains("Description:", help, StringComparison.Ordinal);
        string[] examples = help[(help.IndexOf("Examples:", StringComparison.Ordinal) + 9)..].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.True(examples.Length >= 2, "a verb shows two examples or more");
        using var terminal = new Terminal(TextWriter.Null, TextWriter.Null);
        Assert.All(examples, example => // what the help shows must parse
        {
            string line = example.Split('#')[0];
            string[] words = [.. CommandLineParser.SplitCommandLine(line[(line.IndexOf("roma ", StringComparison.Ordinal) + 5)..])];
            Assert.Empty(Application.Commands(terminal).Parse(words).Errors);
        });
    }

    [Theory]
    [InlineData("docter", "error: `roma` has no verb 'docter'; did you mean 'doctor'?", "  remedy: Run `roma --help`.")]
    [InlineData("corruptions lst", "error: `roma corruptions` has no verb 'lst'; did you mean 'list'?", "  remedy: Run `roma corruptions --help`.")]
    [InlineData("corruptions", "error: `roma corruptions` needs a verb. Allowed: list, show, preview.", "remedy")]
    [InlineData("corruptions list --suit seen", "has no option '--suit'; did you mean '--suite'?", "remedy")]
    [InlineData("corruptions list --suite sen", "error: There is no corruption suite 'sen'; did you mean 'seen'?", "")]
    [InlineData("corruptions show gausian_noise", "did you mean 'gaussian_noise'?", "")]
    [InlineData("corrupt nothing.png --suite seen --severity 6", "error: A severity is 1 to 5, not 6.", "")]
    [InlineData("corrupt nothing.png --suite seen --severity x", "error: A severity is 1 to 5, not x.", "")]
    [InlineData("corrupt nothing.png --corruption fog:0", "error: A severity is 1 to 5, not 0.", "")]
    [InlineData("corrupt nothing.png --corruption seen", "error: seen is a suite, not a corruption.", "Write --suite seen.")]
    [InlineData("corrupt nothing.png --suite seen --threads 0", "error: --threads is at least 1, not 0.", "")]
    [InlineData("corrupt nothing.png --scale big", "Argument 'big' not recognized. Must be one of:", "remedy")]
    [InlineData("corrupt nothing.png --corruption frog", "error: There is no corruption 'frog'; did you mean 'fog'?", "")]
    [InlineData("corrupt nothing.png --suite seen", "error: There is no picture or folder nothing.png.", "")]
    [InlineData("corrupt nothing.png", "error: No corruption is named.", "--suite")]
    [InlineData("corruptions preview nothing.png --suite seen --out sheet.pdf", "error: The sheet sheet.pdf ends neither in .png nor in .html.", "")]
    public void A_user_fault_ends_with_2_and_says_what_is_allowed(string line, string message, string remedy)
    {
        Assert.Equal(Application.UserFault, Application.Run(line.Split(' '), _terminal));
        Assert.Contains(message, _error.ToString(), StringComparison.Ordinal);
        Assert.Contains(remedy, _error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_out.ToString());
    }

    [Fact]
    public void A_bug_ends_with_1_and_its_stack_trace()
    {
        Assert.Equal(Application.Bug, Application.Guard(_terminal, () => throw new InvalidOperationException("odd")));
        Assert.Contains("   at ", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("please report", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_fault_is_found_below_what_wraps_it()
    {
        Assert.Equal(Application.UserFault, Application.Guard(_terminal, () => throw new AggregateException(new InvalidOperationException(), new RomaException("no room", "Make room."))));
        Assert.Equal("error: no room\n  remedy: Make room.\n", _error.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_cancellation_that_nobody_asked_for_is_a_bug() =>
        Assert.Equal(Application.Bug, Application.Guard(_terminal, () => throw new OperationCanceledException()));

    private static IEnumerable<Verb> Leaves(Command command) =>
        command.Subcommands.OfType<Verb>().SelectMany(verb => verb.Subcommands.Count == 0 ? [verb] : Leaves(verb));
}
