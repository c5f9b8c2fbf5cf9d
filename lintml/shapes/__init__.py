"""Sizes and shapes as pure mathematics, without syntax trees and without torch."""
