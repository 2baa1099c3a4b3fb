using System.CommandLine;

namespace Roma.Cli;

/// <summary>
/// A command of the program. One file in <c>Verbs</c> holds one: a class with a constructor that takes the terminal, declares its options and calls
/// <see cref="Command.SetAction(Func{ParseResult, int})"/>; it is found by its base class.
/// </summary>
internal abstract class Verb : Command
{
    protected Verb(string name, string description, params string[] examples) : base(name, description) => Examples = examples;

    /// <summary>Full command lines for the help, each with a comment behind <c>#</c>.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Dotted overrides of a configuration, as the last arguments.</summary>
    protected static Argument<string[]> Overrides() => new("overrides")
    {
        Description = "Dotted overrides of the configuration, for example optimizer.lr=1e-6 or views.0=blur.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Declares an option of this verb.</summary>
    protected Option<T> Option<T>(string name, string description, T standard) => Declare(new Option<T>(name) { Description = description, DefaultValueFactory = _ => standard });

    /// <summary>Declares an option of this verb that need not be there.</summary>
    protected Option<T?> Option<T>(string name, string description) => Declare(new Option<T?>(name) { Description = description });

    private Option<T> Declare<T>(Option<T> option)
    {
        Options.Add(option);
        return option;
    }
}
