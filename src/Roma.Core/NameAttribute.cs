namespace Roma.Core;

/// <summary>The name under which YAML and the command line know a record: an operator, reward, loss, answer rule or format.</summary>
/// <param name="name">Lower-case words joined by underscores.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class NameAttribute(string name) : Attribute
{
    /// <summary>Lower-case words joined by underscores.</summary>
    public string Name { get; } = name;
}
