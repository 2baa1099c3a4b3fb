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

    /// <summary>Whether the verb computes with libtorch: then a libtorch that does not load is told before anything else happens.</summary>
    public virtual bool UsesTorch => true;

    /// <summary>Dotted overrides of a configuration, as the last arguments.</summary>
    protected static Argument<string[]> Overrides()
    {
        var overrides = new Argument<string[]>("overrides")
        {
            Description = "Dotted overrides of the configuration, for example optimizer.lr=1e-6 or severities=[1,3].",
            Arity = ArgumentArity.ZeroOrMore,
        };
        overrides.Validators.Add(result => // a misspelt option would be taken for one of them
        {
            if (result.Tokens.FirstOrDefault(token => UsageFault.IsOption(token.Value)) is { } option)
                result.AddError($"There is no option '{option.Value}'.");
        });
        return overrides;
    }

    /// <summary>Declares an option of this verb.</summary>
    protected Option<T> Option<T>(string name, string description, T standard) => Declare(new Option<T>(name) { Description = description, DefaultValueFactory = _ => standard });

    /// <summary>Declares an option of this verb that need not be there.</summary>
    protected Option<T?> Option<T>(string name, string description) => Declare(new Option<T?>(name) { Description = description });

    /// <summary>Declares an option whose values are those of an enumeration.</summary>
    protected Option<T> Choice<T>(string name, string description, T standard) where T : struct, Enum
    {
        Option<T> option = Option(name, description, standard);
        option.AcceptOnlyFromAmong([.. Enum.GetNames<T>().Select(value => value.ToLowerInvariant())]);
        return option;
    }

    private Option<T> Declare<T>(Option<T> option)
    {
        Options.Add(option);
        return option;
    }
}
