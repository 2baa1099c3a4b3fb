using System.Globalization;
using System.Reflection;

namespace Roma.Core;

/// <summary>Makes records of parts; it goes on after a fault, so that all of them are reported together.</summary>
internal sealed class YamlBinder
{
    private readonly NullabilityInfoContext _nullability = new();

    /// <summary>What is wrong, in file order of discovery: <c>file:line: key.path: message</c>.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>The value of a part; meaningless once there are faults.</summary>
    public object? Bind(Type type, YamlPart part, NullabilityInfo? nullability = null)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain == typeof(YamlPart))
            return part;
        if (part.IsNull)
            return plain != type || nullability is { WriteState: NullabilityState.Nullable } ? null : Fault(part, $"expected {Expected(plain)}, not null");
        if (plain == typeof(string) || plain == typeof(bool) || plain.IsPrimitive || plain.IsEnum)
            return BindScalar(plain, part);
        if (ElementOf(plain, typeof(IReadOnlyList<>)) is { } element)
            return BindList(element, part, nullability?.ElementType ?? nullability?.GenericTypeArguments.FirstOrDefault());
        if (ElementOf(plain, typeof(IReadOnlyDictionary<,>)) is { } entry)
            return BindDictionary(entry, part, nullability?.GenericTypeArguments.LastOrDefault());
        return plain.IsAbstract ? BindVariant(plain, part) : BindRecord(plain, part);
    }

    private object? BindScalar(Type type, YamlPart part)
    {
        string? text = part.Text;
        if (text is not null && type == typeof(string))
            return text;
        if (text is null || part.IsQuoted && !type.IsEnum)
            return Fault(part, $"expected {Expected(type)}, not {(text is null ? "" : "the quoted text ")}{part.Describe()}");
        if (type.IsEnum)
        {
            string[] names = [.. Enum.GetNames(type).Select(RecordShape.KeyOf)];
            int index = Array.IndexOf(names, text);
            return index >= 0 ? Enum.Parse(type, Enum.GetNames(type)[index]) : Fault(part, $"unknown value {part.Describe()}{DidYouMean.Hint(text, names)}");
        }
        if (type == typeof(bool))
            return text is "true" or "True" or "TRUE" ? true : text is "false" or "False" or "FALSE" ? false : Fault(part, $"expected {Expected(type)}, not {part.Describe()}");
        try
        {
            if (type == typeof(double) || type == typeof(float))
            {
                if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real) && float.IsFinite((float)real) | type == typeof(double))
                    return Convert.ChangeType(real, type, CultureInfo.InvariantCulture);
            }
            else if (decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal whole))
            {
                return Convert.ChangeType(whole, type, CultureInfo.InvariantCulture);
            }
        }
        catch (OverflowException)
        {
            return Fault(part, $"{part.Describe()} does not fit into {type.Name}");
        }
        return Fault(part, $"expected {Expected(type)}, not {part.Describe()}");
    }

    private object? BindList(Type element, YamlPart part, NullabilityInfo? nullability)
    {
        if (part.Items is null)
            return Fault(part, $"expected a list, not {part.Describe()}");
        int before = Faults.Count;
        object?[] values = [.. part.Items.Select(item => Bind(element, item, nullability))];
        if (Faults.Count > before)
            return null;
        var array = Array.CreateInstance(element, values.Length);
        values.CopyTo(array, 0);
        return array;
    }

    private object? BindDictionary(Type element, YamlPart part, NullabilityInfo? nullability)
    {
        if (part.Entries is null)
            return Fault(part, $"expected a mapping, not {part.Describe()}");
        var dictionary = (System.Collections.IDictionary)Activator.CreateInstance(typeof(OrderedDictionary<,>).MakeGenericType(typeof(string), element))!;
        int before = Faults.Count;
        foreach ((string key, YamlPart value) in part.Entries)
        {
            object? bound = Bind(element, value, nullability);
            if (Faults.Count == before)
                dictionary.Add(key, bound);
        }
        return dictionary;
    }

    private object? BindVariant(Type contract, YamlPart part)
    {
        IReadOnlyDictionary<string, Type> variants = NamedTypes.Of(contract);
        YamlPart? name = part.Text is not null ? part : part.Entries?.GetValueOrDefault("name");
        if (name?.Text is not { } text)
            return Fault(name ?? part, $"expected a name, alone or as the key 'name' of a mapping. Allowed: {string.Join(", ", variants.Keys)}");
        if (!variants.TryGetValue(text, out Type? variant))
            return Fault(name, $"unknown name {name.Describe()}{DidYouMean.Hint(text, variants.Keys)}");
        return BindRecord(variant, part.Text is null ? part : new YamlPart(part.Where, part.Path) { Entries = [] });
    }

    private object? BindRecord(Type type, YamlPart part)
    {
        RecordShape shape = RecordShape.Of(type);
        if (part.Entries is null)
            return Fault(part, $"expected a mapping with the keys {string.Join(", ", shape.Parameters.Keys)}, not {part.Describe()}");
        int before = Faults.Count;
        foreach ((string key, YamlPart value) in part.Entries)
        {
            if (!shape.Parameters.ContainsKey(key) && !(key == "name" && value.Text == NamedTypes.NameOf(type)))
                Fault(value, $"unknown key{DidYouMean.Hint(key, shape.Parameters.Keys)}");
        }
        var values = new List<object?>();
        foreach ((string key, ParameterInfo parameter) in shape.Parameters)
        {
            if (part.Entries.TryGetValue(key, out YamlPart? value))
                values.Add(Bind(parameter.ParameterType, value, _nullability.Create(parameter)));
            else
                values.Add(parameter.HasDefaultValue ? RecordShape.DefaultOf(parameter) : Fault(part, $"the key '{key}' is missing ({Expected(parameter.ParameterType)})"));
        }
        return Faults.Count > before ? null : Construct(shape, part, [.. values]);
    }

    private object? Construct(RecordShape shape, YamlPart part, object?[] values)
    {
        try
        {
            return shape.Constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, values, CultureInfo.InvariantCulture);
        }
        catch (ArgumentException e)
        {
            YamlPart at = e.ParamName is { } name && part.Entries!.TryGetValue(RecordShape.KeyOf(name), out YamlPart? key) ? key : part;
            string message = e.Message.Split(Environment.NewLine)[0].Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal);
            return Fault(at, message.TrimEnd('.'));
        }
        catch (RomaException e)
        {
            string file = part.Where[..(part.Where.LastIndexOf(':') + 1)];
            if (file.Length == 0 || !e.Message.StartsWith(file, StringComparison.Ordinal))
                return Fault(part, $"{e.Message} {e.Remedy}".TrimEnd(' ', '.'));
            Faults.Add(e.Message); // a record that bound a part of itself: the message names its own place
            return null;
        }
    }

    private object? Fault(YamlPart part, string message)
    {
        Faults.Add($"{part.Where}: {(part.Path.Length == 0 ? "" : $"{part.Path}: ")}{message}.");
        return null;
    }

    private static Type? ElementOf(Type type, Type generic) =>
        type.IsArray && generic == typeof(IReadOnlyList<>) ? type.GetElementType()
        : type.IsGenericType && type.GetGenericTypeDefinition() == generic ? type.GetGenericArguments()[^1] : null;

    private static string Expected(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain switch
        {
            _ when plain == typeof(string) => "text",
            _ when plain == typeof(bool) => "true or false",
            _ when plain == typeof(double) || plain == typeof(float) => "a finite number",
            _ when plain.IsEnum => $"one of {string.Join(", ", Enum.GetNames(plain).Select(RecordShape.KeyOf))}",
            _ when plain.IsPrimitive => "an integer",
            _ when ElementOf(plain, typeof(IReadOnlyList<>)) is not null => "a list",
            _ when plain.IsAbstract && ElementOf(plain, typeof(IReadOnlyDictionary<,>)) is null => $"one of {string.Join(", ", NamedTypes.Of(plain).Keys)}",
            _ => "a mapping",
        };
    }
}
