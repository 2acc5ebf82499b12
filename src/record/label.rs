//! Words with a fixed list of values that rows carry: one byte in memory, text on disk.

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The words written to tables, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($text,)*];

            /// The word written to tables.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value of a word, if it is one.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }
    )*};
}

labels! {
    /// Who receives the scarcity rent of a limit.
    RentTo {
        /// The treasury of the state that set the limit.
        State = "state",
        /// The firms that hold the right to ship.
        Firm = "firm",
    }

    /// What happened to a contract in the quarter.
    ContractEvent {
        /// Delivered as agreed.
        None = "none",
        /// Not delivered because a state's act or an accident forbade it.
        ForceMajeure = "force majeure",
        /// Not delivered although it could have been.
        Default = "default",
    }

    /// Start or end of a shock.
    ShockEvent {
        /// First quarter of the shock.
        Starts = "starts",
        /// First quarter after the shock.
        Ends = "ends",
    }

    /// What happened to a measure.
    PolicyEvent {
        /// It became known.
        Announced = "announced",
        /// It took effect.
        Effective = "effective",
        /// It ended.
        Lifted = "lifted",
        /// It could not take effect, for example because its budget is spent.
        Blocked = "blocked",
    }

    /// What happened to a project or plant.
    ProjectEvent {
        /// Money was committed.
        Started = "started",
        /// The due quarter moved back.
        Delayed = "delayed",
        /// First output.
        Commissioned = "commissioned",
        /// Idle but kept.
        Mothballed = "mothballed",
        /// Back from being mothballed.
        Reopened = "reopened",
        /// Gone for good.
        Closed = "closed",
        /// The owner failed.
        Bankrupt = "bankrupt",
        /// A new owner.
        Sold = "sold",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_values_match() {
        for (value, word) in ProjectEvent::ALL.iter().zip(ProjectEvent::WORDS) {
            assert_eq!(
                (value.word(), ProjectEvent::from_word(word)),
                (*word, Some(*value))
            );
        }
        assert_eq!(
            ContractEvent::from_word("force majeure"),
            Some(ContractEvent::ForceMajeure)
        );
        assert_eq!(RentTo::from_word("nobody"), None);
    }
}
