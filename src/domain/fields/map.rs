//! Maps keyed by id: the shape of everything that a later file may patch.

use super::{
    Field, NO_SPEC, Path, Problems, RecordInfo, Spec, Written, Wrong, WrongKind, did_you_mean,
};
use indexmap::{IndexMap, map::Entry};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{fmt, marker::PhantomData};

/// A written map; a key that occurs twice in one file is refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Map<W>(pub IndexMap<String, W>);

impl<W> Default for Map<W> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl Map<String> {
    /// Reads any written value from the text of a `--set`.
    ///
    /// # Errors
    /// What was expected and what was found.
    pub fn parse_text<T: de::DeserializeOwned>(text: &str) -> Result<T, String> {
        super::leaf::parse_ron(text)
    }
}

struct Entries<W>(PhantomData<W>);

impl<'de, W: Deserialize<'de>> de::Visitor<'de> for Entries<W> {
    type Value = Map<W>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of names to values, `{\"name\": ..}`")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut access: A) -> Result<Map<W>, A::Error> {
        let mut map = IndexMap::new();
        while let Some(key) = access.next_key::<String>()? {
            match map.entry(key) {
                Entry::Occupied(entry) => {
                    return Err(de::Error::custom(format_args!(
                        "\"{}\" occurs twice",
                        entry.key()
                    )));
                }
                Entry::Vacant(entry) => entry.insert(access.next_value()?),
            };
        }
        Ok(Map(map))
    }
}

impl<'de, W: Deserialize<'de>> Deserialize<'de> for Map<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl<W: JsonSchema> JsonSchema for Map<W> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Map_of_{}", W::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "object", "additionalProperties": generator.subschema_for::<W>()})
    }
}

impl<W> Map<W> {
    /// How many names of the path make the key: keys may hold dots themselves.
    fn key_length(&self, path: &[&str]) -> Result<usize, Wrong> {
        (1..=path.len())
            .find(|length| self.0.contains_key(&path[..*length].join(".")))
            .ok_or_else(|| self.no_entry(path))
    }

    fn no_entry(&self, path: &[&str]) -> Wrong {
        no_entry(&self.0, path)
    }
}

fn no_entry<W>(map: &IndexMap<String, W>, path: &[&str]) -> Wrong {
    let near = did_you_mean(path[0], map.keys().map(String::as_str)).map(str::to_owned);
    Wrong {
        left: path.len(),
        kind: WrongKind::NoEntry {
            near,
            known: map.keys().cloned().collect(),
        },
    }
}

impl<W: Written> Written for Map<W> {
    fn merge(&mut self, over: Self) {
        for (key, value) in over.0 {
            match self.0.entry(key) {
                Entry::Occupied(mut entry) => entry.get_mut().merge(value),
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
            }
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        super::leaf::parse_ron(text)
    }

    fn set(&mut self, path: &[&str], text: &str) -> Result<(), Wrong> {
        if path.is_empty() {
            *self = Self::parse(text).map_err(|text| Wrong {
                left: 0,
                kind: WrongKind::Value(text),
            })?;
            return Ok(());
        }
        let length = self.key_length(path)?;
        let Some(value) = self.0.get_mut(&path[..length].join(".")) else {
            return Err(no_entry(&self.0, path));
        };
        if length == path.len() {
            *value = W::parse(text).map_err(|text| Wrong {
                left: 0,
                kind: WrongKind::Value(text),
            })?;
            return Ok(());
        }
        value.set(&path[length..], text)
    }

    fn remove(&mut self, path: &[&str]) -> Result<(), Wrong> {
        let length = self.key_length(path)?;
        let key = path[..length].join(".");
        if length == path.len() {
            self.0.shift_remove(&key);
            return Ok(());
        }
        self.0
            .get_mut(&key)
            .map_or(Ok(()), |value| value.remove(&path[length..]))
    }

    fn empty() -> Option<Self> {
        Some(Self::default())
    }
}

/// Whether a key fits a pattern whose parts between `:` may be `*`.
fn fits(pattern: &str, key: &str) -> bool {
    pattern == "*"
        || pattern == key
        || (pattern.contains('*')
            && pattern.split(':').count() == key.split(':').count()
            && pattern
                .split(':')
                .zip(key.split(':'))
                .all(|(pattern, part)| pattern == "*" || pattern == part))
}

impl<T: Field> Field for IndexMap<String, T> {
    type Written = Map<T::Written>;

    fn resolve(
        written: Option<Self::Written>,
        path: &Path<'_>,
        _: &'static Spec,
        problems: &mut Problems,
    ) -> Option<Self> {
        // An entry with a problem is left out, so that the others are still checked; the problem stops the run.
        let entries = written.unwrap_or_default().0.into_iter();
        Some(
            entries
                .filter_map(|(key, value)| {
                    let value = T::resolve(Some(value), &path.join(&key), &NO_SPEC, problems)?;
                    Some((key, value))
                })
                .collect(),
        )
    }

    fn number_mut(&mut self, path: &[&str]) -> Option<&mut f64> {
        let (key, rest) = path.split_first()?;
        self.get_mut(*key)?.number_mut(rest)
    }

    fn matching(
        &self,
        pattern: &[&str],
        prefix: &mut Vec<String>,
        found: &mut Vec<Vec<String>>,
    ) -> Result<(), Wrong> {
        let Some((key, rest)) = pattern.split_first() else {
            found.push(prefix.clone());
            return Ok(());
        };
        let before = found.len();
        let mut wrong = no_entry(self, pattern);
        for (name, value) in self.iter().filter(|(name, _)| fits(key, name)) {
            prefix.push(name.clone());
            let result = value.matching(rest, prefix, found);
            prefix.pop();
            if let Err(inner) = result {
                wrong = inner;
            }
        }
        if found.len() == before {
            Err(wrong)
        } else {
            Ok(())
        }
    }

    fn spec_at(path: &[&str]) -> Option<&'static Spec> {
        T::spec_at(path.get(1..)?)
    }

    fn describe(into: &mut Vec<&'static RecordInfo>) {
        T::describe(into);
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}
