using System.Collections.Concurrent;
using System.Reflection;

namespace Roma.Core;

/// <summary>The registry of variants: every sealed record with a <see cref="NameAttribute"/> in a loaded assembly that builds on Roma.Core.</summary>
public static class NamedTypes
{
    private static readonly ConcurrentDictionary<Type, (int Assemblies, IReadOnlyDictionary<string, Type> Types)> Cache = [];

    /// <summary>The variants of an interface or abstract record, by name, in alphabetical order.</summary>
    /// <param name="contract">The interface or abstract type.</param>
    /// <exception cref="InvalidOperationException">Two variants have one name.</exception>
    public static IReadOnlyDictionary<string, Type> Of(Type contract)
    {
        Assembly[] assemblies = Assemblies();
        if (Cache.TryGetValue(contract, out (int Assemblies, IReadOnlyDictionary<string, Type> Types) cached) && cached.Assemblies == assemblies.Length)
            return cached.Types;
        var types = new OrderedDictionary<string, Type>();
        foreach ((string name, Type type) in assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.IsAbstract && contract.IsAssignableFrom(type) && type.IsDefined(typeof(NameAttribute), false))
            .Select(type => (NameOf(type)!, type)).OrderBy(pair => pair.Item1, StringComparer.Ordinal))
        {
            if (!types.TryAdd(name, type))
                throw new InvalidOperationException($"{type.FullName} and {types[name].FullName} are both named {name}.");
        }
        Cache[contract] = (assemblies.Length, types);
        return types;
    }

    /// <summary>The name a type carries, or null.</summary>
    /// <param name="type">Any type.</param>
    public static string? NameOf(Type type) => type.GetCustomAttribute<NameAttribute>(false)?.Name;

    /// <summary>Roma's assemblies load on first use; a variant must be found before that, so references are followed.</summary>
    private static Assembly[] Assemblies()
    {
        string core = typeof(NamedTypes).Assembly.GetName().Name!;
        var found = new Dictionary<string, Assembly>();
        var open = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic && !assembly.ReflectionOnly));
        while (open.TryDequeue(out Assembly? assembly))
        {
            AssemblyName[] references = assembly.GetReferencedAssemblies();
            if (assembly.GetName().Name != core && references.All(reference => reference.Name != core) || !found.TryAdd(assembly.FullName!, assembly))
                continue;
            foreach (AssemblyName reference in references.Where(reference => reference.Name!.StartsWith("Roma.", StringComparison.Ordinal)))
                open.Enqueue(Assembly.Load(reference));
        }
        return [.. found.Values];
    }
}
