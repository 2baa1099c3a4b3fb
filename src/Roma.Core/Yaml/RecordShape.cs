using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;

namespace Roma.Core;

/// <summary>A record as a configuration: its keys are the parameters of its longest public constructor, in snake case.</summary>
internal sealed class RecordShape
{
    private static readonly ConcurrentDictionary<Type, RecordShape> Cache = [];

    private RecordShape(Type type)
    {
        Constructor = type.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)
            ?? throw new InvalidOperationException($"{type.FullName} cannot be read from YAML: it has no public constructor.");
        foreach (ParameterInfo parameter in Constructor.GetParameters())
            Parameters.Add(KeyOf(parameter.Name!), parameter);
        if (NamedTypes.NameOf(type) is not null && Parameters.ContainsKey("name"))
            throw new InvalidOperationException($"{type.FullName} carries a [Name] and so cannot have a parameter called name.");
    }

    /// <summary>The constructor that takes every key.</summary>
    public ConstructorInfo Constructor { get; }

    /// <summary>Its parameters by key, in order.</summary>
    public OrderedDictionary<string, ParameterInfo> Parameters { get; } = [];

    /// <summary>The shape of a record type.</summary>
    public static RecordShape Of(Type type) => Cache.GetOrAdd(type, static key => new RecordShape(key));

    /// <summary>The YAML spelling of a C# name.</summary>
    public static string KeyOf(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>What an absent optional parameter is.</summary>
    public static object? DefaultOf(ParameterInfo parameter)
    {
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return parameter.DefaultValue switch
        {
            null when parameter.ParameterType is { IsValueType: true } value && type == value => Activator.CreateInstance(value),
            { } number when type.IsEnum => Enum.ToObject(type, number),
            var constant => constant,
        };
    }
}
